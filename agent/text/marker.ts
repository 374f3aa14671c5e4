/** What a line says about the groups of lines that it stands among, or about a problem. */
export type Marker =
  /**
   * A group begins. `key`: what ends it is named the same. `flow`: of those that go on side by side. `time`: when, in
   * milliseconds since the epoch.
   */
  | { type: 'open'; title: string; key: string; flow?: string; collapsed?: true; time?: number }
  /** A group ends: the innermost one of that key, and whatever is still open inside. `code`: a command's exit code. */
  | { type: 'close'; key: string; flow?: string; isFailed?: boolean; code?: number; time?: number; ms?: number }
  /** A group begins that goes on until the next one of that key. */
  | { type: 'section'; title: string; key: string; collapsed?: true }
  /** A group begins, or goes on after lines of others; and lines of others follow. */
  | { type: 'step'; title: string; key: string; flow: string }
  | { type: 'pause'; key: string; flow: string }
  /** A flow begins, maybe as part of another one; it ends, and all its groups; lines (up to `to`) are of it alone. */
  | { type: 'flow'; key: string; flow: string; parent?: string }
  | { type: 'flowEnd'; key: string; flow: string }
  | { type: 'said'; key: string; flow: string; to?: number }
  /** The innermost group whose key begins so has failed, took so long, or is not to be folded. */
  | { type: 'failed'; key: string; flow?: string }
  | { type: 'took'; key: string; ms: number }
  | { type: 'expand'; key: string }
  | { type: 'problem'; level: 'error' | 'warn'; text: string; file?: string; line?: number };
