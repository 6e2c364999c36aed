declare module 'ref-struct-di' {
  /** A C struct: fields by name, read and written in place. */
  export interface StructInstance {
    [field: string]: number | bigint | string | Buffer;
    ref(): Buffer;
  }
  export interface StructType {
    new (fields?: Record<string, number | bigint | string | Buffer>): StructInstance;
    size: number;
  }
  /** Takes the `ref` implementation that the FFI library uses. */
  export default function createStruct(
    ref: unknown,
  ): (fields: Record<string, string>) => StructType;
}
