import { execFileSync } from './sync-child.ts';

/** A machine of its own as far as its network is concerned. */
export interface Machine {
  readonly address: string;
  /** Where servers of a cluster reach it. */
  readonly route: string;
  /** What runs a program there, with its options. */
  readonly inside: readonly string[];
  /** It and the other machines get nothing from each other any more; we still reach it. */
  partition(): void;
  /** Nobody reaches it any more. */
  unplug(): void;
  heal(): void;
}

/** Machines at one switch, to which we are connected as well. */
export interface Network extends Disposable {
  readonly machines: readonly Machine[];
}

/** Why a test is skipped that gets no network. */
export const needsNamespaces = 'needs network namespaces: root on Linux, with ip(8)';

/** Network namespaces with Linux' ip(8); undefined where we may not make them. */
export function createNetwork(count: number): Network | undefined {
  const name = `sst${process.pid}`;
  // A network for tests of networks (RFC 2544): nobody else's.
  const network = `198.18.${process.pid % 256}`;
  const machines = Array.from({ length: count }, (_, index) => ({
    space: `${name}-${index}`,
    plug: `${name}p${index}`,
    address: `${network}.${index + 1}`,
  }));
  const remove = () => {
    for (const { space } of machines) tryIp('netns', 'del', space);
    for (const { plug } of machines) tryIp('link', 'del', plug);
    tryIp('link', 'del', name);
  };
  try {
    ip('link', 'add', name, 'type', 'bridge');
    ip('addr', 'add', `${network}.254/24`, 'dev', name);
    ip('link', 'set', name, 'up');
    for (const { space, plug, address } of machines) {
      ip('netns', 'add', space);
      ip('link', 'add', plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
      ip('link', 'set', plug, 'master', name, 'up');
      ip('-n', space, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      for (const device of ['lo', 'eth0']) ip('-n', space, 'link', 'set', device, 'up');
    }
  } catch {
    remove();
    return undefined;
  }
  return {
    machines: machines.map(({ space, plug, address }) => {
      const others = machines.filter((other) => other.space !== space);
      return {
        address,
        route: `${address}:6222`,
        inside: ['ip', 'netns', 'exec', space],
        partition() {
          for (const other of others) ip('-n', space, 'route', 'add', 'blackhole', `${other.address}/32`);
        },
        unplug: () => ip('link', 'set', plug, 'down'),
        heal() {
          for (const other of others) tryIp('-n', space, 'route', 'del', 'blackhole', `${other.address}/32`);
          ip('link', 'set', plug, 'up');
        },
      };
    }),
    [Symbol.dispose]: remove,
  };
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

function tryIp(...args: string[]): void {
  try {
    ip(...args);
  } catch {
    // It was not there.
  }
}
