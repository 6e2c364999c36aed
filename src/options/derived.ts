/** Types that follow from a row of the option table: its name, its value, and what it sets. */
import type { SourceKind } from './row.js';

type LongOf<Flags> = Flags extends `${string}--${infer Rest}`
  ? Rest extends `${infer Name} ${string}`
    ? Name
    : Rest
  : never;

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** As nameOf in row.ts has it. */
export type NameOf<Row> = Row extends { readonly flags: infer Flags }
  ? LongOf<Flags> extends `no-${infer Name}`
    ? CamelCase<Name>
    : CamelCase<LongOf<Flags>>
  : never;

type ArgumentOf<Row> = Row extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Row extends { readonly parse: (text: string) => infer Value }
    ? Value
    : string;

/** Of a flag whether it is set; undefined where nothing is given that has no default. */
type ValueOf<Row> = Row extends { readonly flags: `${string}<${string}` }
  ? Row extends { readonly isRepeatable: true }
    ? readonly ArgumentOf<Row>[]
    : Row extends { readonly default: unknown }
      ? ArgumentOf<Row>
      : ArgumentOf<Row> | undefined
  : Row extends { readonly withoutArgument: string }
    ? ArgumentOf<Row> | undefined
    : Row extends { readonly isPaired: true }
      ? boolean | undefined
      : boolean;

/** All options by their names, whether they were given or not. */
export type ParsedBy<Row> = { readonly [Each in Row as NameOf<Each> & string]: ValueOf<Each> };

type At<Path, Value> = Path extends `${infer Key}.${infer Rest}`
  ? { readonly [Each in Key]: At<Rest, Value> }
  : { readonly [Each in Path & string]: Value };

type FieldOf<Row, Source extends SourceKind> = Row extends {
  readonly only: Exclude<SourceKind, Source>;
}
  ? never
  : Row extends { readonly sets: infer Path }
    ? At<Path, ValueOf<Row>>
    : never;

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  each: infer All,
) => void
  ? All
  : never;

/** What the rows for a source set, each at its place. */
export type FieldsBy<Row, Source extends SourceKind> = Intersection<FieldOf<Row, Source>>;

/** Conflicts whose options exist, and whose predicates take the values that these have. */
export type ConflictIn<Parsed> = {
  [Name in keyof Parsed & string]: {
    readonly with: Name;
    readonly where?: (value: Parsed[Name]) => boolean;
    readonly unless?: keyof Parsed & string;
    readonly message: string;
  };
}[keyof Parsed & string];
