/** Attributes of a text field that is no prose and nothing to be remembered. */
export const bareField = { autocomplete: 'off', autocapitalize: 'off', spellcheck: false } as const;
