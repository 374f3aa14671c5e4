import type { Backend } from '../backend/backend.ts';
import type { Finding, FindingActions, FindingOptions } from './finding.ts';
import { loadPatiently } from './load-patiently.ts';

/** None of them is missing: the compiler looks. */
const actions: Readonly<Record<keyof FindingActions, 1>> = {
  openSearch: 1,
  closeSearch: 1,
  search: 1,
  nextHit: 1,
  previousHit: 1,
  filterBySearch: 1,
  nextError: 1,
  previousError: 1,
  toggleGroup: 1,
  foldAll: 1,
  goToLine: 1,
  listProblems: 1,
};
const names = Object.keys(actions) as (keyof FindingActions)[];

/**
 * Finding, whose script is loaded once the page has begun to show lines: what is asked of it before is done when it is
 * there.
 */
export function findLater(options: Omit<FindingOptions, 'backend'>, backend: Backend, begun: Promise<void>): Finding {
  let finding: Finding | undefined;
  const loading = begun.then(() => loadPatiently(load));

  async function load(): Promise<Finding> {
    const [{ createFinding }, later] = await Promise.all([import('../later.ts'), backend.later()]);
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
    actions: Object.fromEntries(names.map((name) => [name, later(name)])) as unknown as FindingActions,
    drew: (shown) => finding?.drew(shown),
    startOver: () => finding?.startOver(),
    reconnected: () => finding?.reconnected(),
    filterChanged: () => finding?.filterChanged(),
    followAddress: () => finding?.followAddress(),
  };
}
