/** A text's beginning, copied: a part of a string keeps all of it in memory, and a line may have 256 KiB. */
export function own(text: string, most = longestText): string {
  return Buffer.from(text.slice(0, most)).toString();
}

export const longestText = 500;
