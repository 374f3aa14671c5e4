/** What a line's visible text has to hold. */
export interface TextPattern {
  text: string;
  /** `text` is a regular expression; otherwise it stands for itself. */
  isRegex: boolean;
  /** `smart`: case counts where the pattern has an upper-case letter, as in ripgrep. */
  case: 'exact' | 'smart';
  /** Only where no letter, digit or underscore stands next to it. */
  isWord: boolean;
}
