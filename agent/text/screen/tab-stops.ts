/** Where TAB moves to: every eighth column, until a program (`tabs -4`) says otherwise. Columns count from 0. */
export class TabStops {
  private stops: number[] | undefined;

  get areDefault(): boolean {
    return this.stops === undefined;
  }

  set(column: number, columns: number): void {
    this.keep((stops) => [...stops.filter((one) => one !== column), column].sort((a, b) => a - b), columns);
  }

  clear(column: number, columns: number): void {
    this.keep((stops) => stops.filter((one) => one !== column), columns);
  }

  clearAll(): void {
    this.stops = [];
  }

  reset(): void {
    this.stops = undefined;
  }

  /** The column `count` stops to the right; the last one where there are not so many. */
  after(column: number, count: number, columns: number): number {
    const { stops } = this;
    const at =
      stops === undefined ? (Math.floor(column / 8) + count) * 8 : stops.filter((one) => one > column)[count - 1];
    return Math.min(at ?? columns - 1, columns - 1);
  }

  /** The column `count` stops to the left; the first one where there are not so many. */
  before(column: number, count: number): number {
    const { stops } = this;
    if (stops === undefined) return Math.max(0, (Math.ceil(column / 8) - count) * 8);
    return stops.filter((one) => one < column).at(-count) ?? 0;
  }

  private keep(change: (stops: number[]) => number[], columns: number): void {
    const usual = Array.from({ length: Math.ceil(columns / 8) }, (_, at) => at * 8);
    const stops = change(this.stops ?? usual);
    // `tabs -8` clears all and sets them again.
    this.stops = stops.join() === usual.join() ? undefined : stops;
  }
}
