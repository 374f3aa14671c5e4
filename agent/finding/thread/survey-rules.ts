/**
 * Stands for the rules that levels, records, times, markers and problems are found by: what other rules have found is
 * not used. A test makes sure that it is another one when the code is.
 */
export const rules = 'S8a5RtTc_f8M';
