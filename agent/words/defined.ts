/** The same properties without those that are undefined; a property that may be undefined becomes optional. */
export type Defined<Properties> = {
  [Name in keyof Properties as undefined extends Properties[Name] ? never : Name]: Properties[Name];
} & {
  [Name in keyof Properties as undefined extends Properties[Name] ? Name : never]?: Exclude<
    Properties[Name],
    undefined
  >;
};

/** A copy without the properties that are undefined: absent and undefined differ in JSON's types and in a spread. */
export function defined<Properties extends object>(properties: Properties): Defined<Properties> {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Defined<Properties>;
}
