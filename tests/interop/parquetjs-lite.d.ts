declare module 'parquetjs-lite' {
  interface Field {
    readonly type: 'UTF8' | 'DATE' | 'DOUBLE' | 'INT64' | 'BOOLEAN' | 'TIMESTAMP_MILLIS';
    readonly optional?: boolean;
    readonly compression?: 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY';
  }

  type Row = Readonly<Record<string, unknown>>;

  interface Schema {
    readonly fields: Readonly<Record<string, unknown>>;
  }

  interface Writer {
    appendRow(row: Row): Promise<void>;
    close(): Promise<void>;
  }

  interface Reader {
    getCursor(): { next(): Promise<Row | null> };
    close(): Promise<void>;
  }

  const parquet: {
    readonly ParquetSchema: new (fields: Readonly<Record<string, Field>>) => Schema;
    readonly ParquetWriter: { openFile(schema: Schema, path: string): Promise<Writer> };
    readonly ParquetReader: { openFile(path: string): Promise<Reader> };
  };
  export default parquet;
}
