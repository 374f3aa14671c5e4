import { type Automaton, createAutomaton } from './automaton.ts';

/** More are found sooner by an automaton: each takes another look at all of a text, and some texts a slow one. */
const mostSingles = 32;

/**
 * Texts to be found, a list that can grow: all at once by an automaton, save for the newest ones, as it has to be made
 * anew to take them in.
 */
export class Tiers<Single> {
  private readonly texts: string[] = [];
  private readonly singleOf: (text: string) => Single;
  private newest: Single[] = [];
  private automaton: Automaton | undefined;

  /** @param singleOf makes of a text what finds it alone */
  constructor(singleOf: (text: string) => Single) {
    this.singleOf = singleOf;
  }

  get count(): number {
    return this.texts.length;
  }

  add(text: string): void {
    this.texts.push(text);
    this.newest.push(this.singleOf(text));
  }

  /** Those that are looked for one by one. */
  get singles(): readonly Single[] {
    this.takeIn();
    return this.newest;
  }

  /** All others; undefined where there are none. */
  get others(): Automaton | undefined {
    this.takeIn();
    return this.automaton;
  }

  private takeIn(): void {
    if (this.newest.length <= mostSingles) return;
    this.automaton = createAutomaton(this.texts);
    this.newest = [];
  }
}
