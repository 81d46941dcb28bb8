// What can be read of an ad account: one row for each object type, with all that any room needs to know of it.

/** A field of an object as Pinterest's lists give it, under its own name. Times are unix seconds. */
export interface CatalogueField {
  name: string;
  kind: 'text' | 'number';
}

const text = (name: string): CatalogueField => ({ name, kind: 'text' });
const number = (name: string): CatalogueField => ({ name, kind: 'number' });

/** Column names are those of Pinterest's reports, in upper case. */
export interface ObjectTypeFacts {
  /** The column of an object's own id. */
  idColumn: string;
  /** Other names under which rows carry the own id. */
  idAliases: readonly string[];
  /** The columns by which a row names the objects above its own, the highest first. */
  parents: readonly string[];
  /** Behind `/ad_accounts/{id}`: the list of the objects, and what stands in front of `/analytics`. */
  path: string;
  /** The key that names object ids, in queries and in a report's body; null if there are none to name. */
  idParameter: string | null;
  /** `level` of a report. */
  reportLevel: string;
  /** The table of its numbers; that of the objects themselves is called like the type. */
  analyticsTable: string;
  /** What its numbers can be broken down by: Pinterest's targeting types. */
  breakdowns: readonly string[];
  /** Fields that its catalogue has beside those that all have; numbers are whole. */
  catalogueFields: readonly CatalogueField[];
  /** For a person: one of them, many of them. */
  nouns: readonly [one: string, many: string];
}

const BREAKDOWNS = [
  'AGE_BUCKET',
  'AGE_BUCKET_AND_GENDER',
  'APPTYPE',
  'AUDIENCE_INCLUDE',
  'COUNTRY',
  'GENDER',
  'GEO',
  'KEYWORD',
  'LOCATION',
  'PINNER_INTEREST',
  'PLACEMENT',
  'REGION',
  'TARGETED_INTEREST',
] as const;

/** Pinterest API v5, "ad analytics" and "ad account reports": https://developers.pinterest.com/docs/api/v5/ */
const FACTS = {
  campaigns: {
    idColumn: 'CAMPAIGN_ID',
    idAliases: [],
    parents: [],
    path: '/campaigns',
    idParameter: 'campaign_ids',
    reportLevel: 'CAMPAIGN',
    analyticsTable: 'campaign_analytics',
    breakdowns: [...BREAKDOWNS, 'CREATIVE_TYPE', 'AUDIENCE_MULTIPLIER'],
    catalogueFields: [
      text('objective_type'),
      number('daily_spend_cap'),
      number('lifetime_spend_cap'),
      number('start_time'),
      number('end_time'),
    ],
    nouns: ['campaign', 'campaigns'],
  },
  ad_groups: {
    idColumn: 'AD_GROUP_ID',
    idAliases: [],
    parents: ['CAMPAIGN_ID'],
    path: '/ad_groups',
    idParameter: 'ad_group_ids',
    reportLevel: 'AD_GROUP',
    analyticsTable: 'ad_group_analytics',
    breakdowns: [...BREAKDOWNS, 'CREATIVE_ENHANCEMENTS'],
    catalogueFields: [
      text('campaign_id'),
      text('budget_type'),
      number('budget_in_micro_currency'),
      text('billable_event'),
      number('start_time'),
      number('end_time'),
    ],
    nouns: ['ad group', 'ad groups'],
  },
  ads: {
    idColumn: 'AD_ID',
    idAliases: ['PIN_PROMOTION_ID'],
    parents: ['CAMPAIGN_ID', 'AD_GROUP_ID'],
    path: '/ads',
    idParameter: 'ad_ids',
    reportLevel: 'PIN_PROMOTION',
    analyticsTable: 'ad_analytics',
    breakdowns: [...BREAKDOWNS, 'QUIZ_RESULT'],
    catalogueFields: [
      text('ad_group_id'),
      text('campaign_id'),
      text('pin_id'),
      text('creative_type'),
      text('destination_url'),
      text('review_status'),
    ],
    nouns: ['ad', 'ads'],
  },
  ad_accounts: {
    idColumn: 'AD_ACCOUNT_ID',
    idAliases: [],
    parents: [],
    path: '',
    idParameter: null,
    reportLevel: 'ADVERTISER',
    analyticsTable: 'ad_account_analytics',
    breakdowns: BREAKDOWNS,
    catalogueFields: [],
    nouns: ['ad account', 'ad accounts'],
  },
} as const satisfies Record<string, ObjectTypeFacts>;

export type ObjectType = keyof typeof FACTS;

/** What numbers can be read of. */
export const LEVELS = Object.keys(FACTS) as readonly ObjectType[];

/** An object type that an ad account has lists of; the ad account itself is in none of them. */
export type ListedType = Exclude<ObjectType, 'ad_accounts'>;

export const isListed = (objectType: ObjectType): objectType is ListedType => objectType !== 'ad_accounts';

export const OBJECT_TYPES: readonly ListedType[] = LEVELS.filter(isListed);

/** What is read, planned, covered and locked as one: the numbers of an object type, perhaps by a breakdown. */
export interface Dataset {
  objectType: ObjectType;
  /** One of Pinterest's targeting types, `AGE_BUCKET`; left out for the object's own numbers. */
  breakdown?: string | undefined;
}

/** The dataset that something is of, by itself. */
export const datasetOf = ({ objectType, breakdown }: Dataset): Dataset => ({
  objectType,
  ...(breakdown === undefined ? {} : { breakdown }),
});

/** The same for the same dataset: a key for maps and locks. `ads`, `ads/AGE_BUCKET`. */
export const datasetKey = ({ objectType, breakdown }: Dataset): string =>
  breakdown === undefined ? objectType : `${objectType}/${breakdown}`;

/** The dataset that has this key. */
export const datasetOfKey = (key: string): Dataset => {
  const [objectType, breakdown] = key.split('/') as [ObjectType, string | undefined];
  return datasetOf({ objectType, breakdown });
};

/** The table of a dataset's numbers; all breakdowns of an object type share one. */
export const tableOf = ({ objectType, breakdown }: Dataset): string => {
  const { analyticsTable } = factsOf(objectType);
  return breakdown === undefined
    ? analyticsTable
    : analyticsTable.replace(/_analytics$/, '_targeting_analytics');
};

export const isOfDataset = (dataset: Dataset, other: Dataset): boolean =>
  datasetKey(dataset) === datasetKey(other);

/** `ad groups`, `ad groups by AGE_BUCKET`: how a person reads it. */
export const describeDataset = ({ objectType, breakdown }: Dataset): string => {
  const [, many] = factsOf(objectType).nouns;
  return breakdown === undefined ? many : `${many} by ${breakdown}`;
};

export const factsOf = (objectType: ObjectType): ObjectTypeFacts => FACTS[objectType];

/** "20 campaigns", "ad 549755885175", "all ads". */
export const describeIds = (objectType: ObjectType, ids: readonly string[] | null): string => {
  const [one, many] = factsOf(objectType).nouns;
  if (ids === null) return `all ${many}`;
  return ids.length === 1 ? `${one} ${ids[0]}` : `${ids.length} ${many}`;
};
