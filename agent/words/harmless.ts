/**
 * A sentence as a terminal may show it: control characters in the name of a file or a program could move the cursor,
 * set the title or answer for the user. They are shown as the shells quote them (`\e`, `\x07`); line ends between
 * sentences stay.
 */
export function harmless(text: string): string {
  return text.replace(controls, (character) => {
    if (character === '\x1b') return '\\e';
    const code = character.codePointAt(0) as number;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: C0, DEL, C1, and what turns the direction of text around.
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
