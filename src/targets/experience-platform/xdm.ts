// XDM, Adobe's data model, as far as rows of performance data need it: types of fields, and fields as the registry writes them.
// https://experienceleague.adobe.com/en/docs/experience-platform/xdm/schema/field-constraints

export type XdmType = 'string' | 'date' | 'int' | 'long' | 'number' | 'boolean';

/** As a field is sent to the schema registry. An integer without a range would be an `int`. */
const DEFINITIONS: Readonly<Record<XdmType, object>> = {
  string: { type: 'string' },
  date: { type: 'string', format: 'date' },
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  long: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
};

/** A field of a schema: where it stands, and what it holds. */
export interface XdmField {
  path: readonly string[];
  /** Of another one, as of a list, no field is made: the schema has to have it. */
  type: XdmType | (string & {});
  title?: string;
}

export const pathText = (path: readonly string[]): string => path.join('.');

export const isMakeable = ({ type }: XdmField): boolean => type in DEFINITIONS;

export const definitionOf = ({ type, title }: XdmField): object => ({
  ...(title && { title }),
  ...DEFINITIONS[type as XdmType],
});

const FAMILIES = [
  ['byte', 'short', 'int', 'long', 'number'],
  ['string', 'date', 'date-time'],
  ['object', 'map'],
];

/** Values of one type may do for a field of the other: whether each does is seen as it is taken. */
export const isOfFamily = (type: string, other: string): boolean =>
  type === other || FAMILIES.some((family) => family.includes(type) && family.includes(other));

/** The `properties` that hold fields, objects around them included. */
export const propertiesOf = (fields: readonly XdmField[]): Record<string, object> => {
  const built: Record<string, object> = {};
  for (const field of fields) {
    let properties = built;
    for (const name of field.path.slice(0, -1)) {
      const object = (properties[name] ??= { type: 'object', properties: {} });
      properties = (object as { properties: Record<string, object> }).properties;
    }
    properties[field.path.at(-1)!] = definitionOf(field);
  }
  return built;
};

type Known = Readonly<Record<string, unknown>>;

/** The type of a field as the registry shows it; some of its answers have no `meta:xdmType`. */
const typeOf = (field: Known): string => {
  const named = field['meta:xdmType'];
  if (typeof named === 'string') return named === 'double' ? 'number' : named;
  const { type, format, minimum, maximum } = field;
  if (type === 'string' && (format === 'date' || format === 'date-time')) return format;
  if (type !== 'integer') return String(type);
  const widest = Math.max(Math.abs(Number(minimum ?? 0)), Math.abs(Number(maximum ?? 0)));
  return widest > 2 ** 31 ? 'long' : 'int';
};

/** Every field below `properties`, objects too, with its type by its path. */
export const typesIn = (properties: unknown, path: readonly string[] = []): Map<string, string> =>
  new Map(
    Object.entries(Object(properties) as Record<string, Known>).flatMap(([name, field]) => {
      const at = [...path, name];
      return [[pathText(at), typeOf(field)] as const, ...typesIn(field['properties'], at)];
    }),
  );
