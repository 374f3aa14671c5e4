/*
 * How the lines of an event begin: HTML standard, 9.2.5 and 9.2.6. The agent always writes one space after the colon.
 * No imports: the page reads events with these, too.
 */
export const idField = 'id: ';
export const dataField = 'data: ';
export const eventField = 'event: ';

/** Up to the JSON of an origin. */
export const originHead = `${eventField}origin\n${dataField}`;

/** Digits of Number.MAX_SAFE_INTEGER. */
export const mostIdDigits = 16;
