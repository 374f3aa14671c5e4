/** What a line's visible text has to hold. */
export interface TextPattern {
  text: string;
  /** `text` is a regular expression; otherwise it stands for itself. */
  isRegex: boolean;
  /** `smart`: case counts where the pattern has an upper-case letter, as in ripgrep. */
  case: 'exact' | 'smart';
  /** Only where no letter, digit or underscore stands next to it. */
  isWord: boolean;
  /** It has to be all of the text. */
  isWhole?: true;
  /** A field's value, with `isWord`: nor where it is a part of a number, such as `0` of `0.25`. */
  isValue?: true;
}
