import { nkeys } from '@nats-io/transport-node';

/** Who may use a server that goes by an operator's word, as NATS' `nsc` sets it up. */
export interface NatsAccounts {
  /** Lines of the server's configuration. */
  config: string;
  /** A credentials file of a user who is let in until then. @param expires seconds since the epoch */
  credentials(expires: number): string;
}

/** An account with JetStream: https://docs.nats.io/running-a-nats-service/nats_admin/security/jwt has the format. */
export function createNatsAccounts(): NatsAccounts {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const system = nkeys.createAccount();
  const all = { subs: -1, data: -1, payload: -1 };
  const limits = { ...all, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const jetStream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountToken = token(operator, account, { type: 'account', limits: { ...limits, ...jetStream } });
  const systemToken = token(operator, system, { type: 'account', limits });
  return {
    config: [
      `operator: "${token(operator, operator, { type: 'operator', system_account: system.getPublicKey() })}"`,
      `system_account: ${system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: "${accountToken}", ${system.getPublicKey()}: "${systemToken}" }`,
    ].join('\n'),
    credentials(expires) {
      const user = nkeys.createUser();
      const jwt = token(account, user, { type: 'user', ...all, permissions: {} }, expires);
      const seed = Buffer.from(user.getSeed()).toString();
      return [
        `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n`,
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
      ].join('\n');
    },
  };
}

type Keys = ReturnType<typeof nkeys.createUser>;

function token(issuer: Keys, subject: Keys, nats: object, expires?: number): string {
  const claims = {
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1000),
    ...(expires === undefined ? {} : { exp: expires }),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'sse-tail',
    nats: { ...nats, version: 2 },
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}
