interface Props<Value extends string> {
  /** Of the choice: the buttons' name, and a class. */
  name: string;
  legend: string;
  options: readonly (readonly [value: Value, words: string])[];
  chosen: Value;
  choose(value: Value): void;
}

/** A choice of which each option shows. */
export function Radios<Value extends string>({ name, legend, options, chosen, choose }: Props<Value>) {
  return (
    <fieldset class={`setting ${name}`}>
      <legend>{legend}</legend>
      <span class="choices">
        {options.map(([value, words]) => (
          <label key={value}>
            <input type="radio" name={name} value={value} checked={value === chosen} onChange={() => choose(value)} />
            <span>{words}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
