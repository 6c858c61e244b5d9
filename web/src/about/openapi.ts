// The description of the API as it comes, and what the page reads from it.
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-format'?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: Schema;
}

export interface Operation {
  path: string;
  method: string;
  summary: string;
  permission: string;
  parameters: Parameter[];
  body?: Schema;
  answer?: Schema;
  produces: string;
}

export interface Description {
  operations: Operation[];
  schemas: Record<string, Schema>;
}

interface Raw {
  paths: Record<string, Record<string, {
    summary: string; 'x-permission': string; parameters: Parameter[];
    requestBody?: { content: Record<string, { schema: Schema }> };
    responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
  }>>;
  components: { schemas: Record<string, Schema> };
}

export function readDescription(raw: Raw): Description {
  const operations = Object.entries(raw.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, o]): Operation => {
    const [produces, content] = Object.entries(o.responses['2XX']?.content ?? {})[0] ?? ['application/json', {}];
    return { path, method: method.toUpperCase(), summary: o.summary, permission: o['x-permission'], parameters: o.parameters, body: o.requestBody?.content['application/json']?.schema, answer: content.schema, produces };
  }));
  return { operations, schemas: raw.components.schemas };
}

/** "devices" of /api/v1/devices/{id}: what stands together. */
export function groupOf(operation: Operation): string {
  const [, first, , third] = operation.path.split('/');
  return first === 'api' ? third.replace(/\..*$/, '') : first;
}

export function resolve(schema: Schema | undefined, schemas: Description['schemas']): Schema | undefined {
  const name = schema?.$ref?.split('/').pop();
  return name ? schemas[name] : schema;
}

export function typeText(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').pop()!;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any'];
  return types.map((type) => (type === 'array' && schema.items ? `${typeText(schema.items).includes(' ') ? `(${typeText(schema.items)})` : typeText(schema.items)}[]` : type === 'string' && schema['x-format'] === 'time' ? 'time' : type)).join(' | ');
}

export function rangeText(schema: Schema): string {
  const [least, most] = [schema.minimum ?? schema.minLength ?? schema.minItems, schema.maximum ?? schema.maxLength ?? schema.maxItems];
  if (schema.enum) return schema.enum.map((word) => word || '""').join(' · ');
  return least === undefined && most === undefined ? '' : `${least ?? 0}…${most ?? ''}`;
}
