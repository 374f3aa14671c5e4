import type { Backend } from '../backend/backend.ts';
import type { Finding, FindingOptions } from './finding.ts';
import { loadPatiently } from './load-patiently.ts';

/**
 * Finding, whose script is loaded once the page has begun to show lines: what is asked of it before is done when it is
 * there.
 */
export function findLater(options: Omit<FindingOptions, 'backend'>, backend: Backend, begun: Promise<void>): Finding {
  let finding: Finding | undefined;
  const loading = begun.then(() => loadPatiently(load));

  async function load(): Promise<Finding> {
    const [{ createFinding }, later] = await Promise.all([import('./finding.ts'), backend.later()]);
    finding = createFinding({ ...options, backend: later });
    return finding;
  }

  const later =
    <Name extends keyof Finding['actions']>(name: Name) =>
    (...given: Parameters<Finding['actions'][Name]>): void => {
      const act = ({ actions }: Finding) => (actions[name] as (...given: unknown[]) => void)(...given);
      if (finding) act(finding);
      else void loading.then(act);
    };

  return {
    actions: {
      openSearch: later('openSearch'),
      closeSearch: later('closeSearch'),
      search: later('search'),
      nextHit: later('nextHit'),
      previousHit: later('previousHit'),
      filterBySearch: later('filterBySearch'),
      nextError: later('nextError'),
      previousError: later('previousError'),
      toggleGroup: later('toggleGroup'),
      foldAll: later('foldAll'),
      goToLine: later('goToLine'),
    },
    drew: (shown) => finding?.drew(shown),
    startOver: () => finding?.startOver(),
    reconnected: () => finding?.reconnected(),
    filterChanged: () => finding?.filterChanged(),
  };
}
