// What Adobe has in the global container, as far as paid media and events go: classes and field groups of the XDM
// standard (github.com/adobe/xdm), with some of their fields.
import { checkFields, type Field } from './fields.js';
import type { Resource } from './resource.js';

export const EXPERIENCE_EVENT = 'https://ns.adobe.com/xdm/context/experienceevent';
export const SUMMARY_METRICS = 'https://ns.adobe.com/xdm/classes/summarymetrics';
export const PAID_MEDIA = 'https://ns.adobe.com/xdm/classes/paid-media';

const text = { type: 'string' };
const time = { type: 'string', format: 'date-time' };
const count = { type: 'integer', 'meta:xdmType': 'long', minimum: 0, maximum: 2 ** 53 };
const amount = { type: 'number', minimum: 0 };
const object = (properties: object) => ({ type: 'object', properties });
const all = (names: string[], field: object) => Object.fromEntries(names.map((name) => [name, field]));

const resource = (
  kind: 'classes' | 'mixins',
  path: string,
  title: string,
  given: { properties: object; id?: Field; required?: string[]; extends?: string[] },
): Resource => {
  const $id = `https://ns.adobe.com/xdm/${path}`;
  const properties = checkFields(given.properties, '');
  if (given.id) properties['_id'] = given.id;
  return {
    $id,
    'meta:altId': `_xdm.${path.replaceAll('/', '.')}`,
    'meta:resourceType': kind,
    version: '1',
    title,
    type: 'object',
    definitions: { fields: { properties, required: given.required ?? [] } },
    allOf: [{ $ref: '#/definitions/fields' }],
    ...(given.extends && { 'meta:intendedToExtend': given.extends }),
    'meta:containerId': 'global',
    'meta:xdmType': 'object',
  };
};
const id: Field = { type: 'string', 'meta:xdmType': 'string' };

const resources: Resource[] = [
  resource('classes', 'context/experienceevent', 'XDM ExperienceEvent', {
    id,
    properties: { timestamp: time, eventType: text, producedBy: text },
    required: ['_id', 'timestamp'],
  }),
  resource('classes', 'context/profile', 'XDM Individual Profile', { id, properties: {} }),
  resource('classes', 'classes/summarymetrics', 'XDM Summary Metrics', {
    id,
    properties: { timestamp: time, eventType: text, producedBy: text },
    required: ['timestamp'],
  }),
  resource('classes', 'classes/paid-media', 'Paid Media', {
    id,
    properties: {
      entityType: { ...text, enum: ['account', 'campaign', 'adgroup', 'ad', 'experience', 'asset'] },
    },
    required: ['entityType'],
  }),
  resource('mixins', 'mixins/paid-media/core-identifiers', 'Core Paid Media Identifiers', {
    extends: [PAID_MEDIA, SUMMARY_METRICS],
    properties: {
      paidMedia: object({
        adNetwork: { ...text, enum: ['meta', 'google_ads', 'snapchat', 'pinterest', 'tiktok', 'other'] },
        ...all(['accountID', 'campaignID', 'adGroupID', 'adID', 'channel'], text),
      }),
    },
  }),
  resource('mixins', 'mixins/paid-media/core-metadata', 'Core Paid Media Metadata', {
    extends: [PAID_MEDIA],
    properties: {
      paidMedia: object({
        metadata: object({
          ...all(['name', 'servingStatus', 'currencyCode', 'timezone'], text),
          status: {
            ...text,
            enum: [
              'active',
              'paused',
              'deleted',
              'archived',
              'draft',
              'completed',
              'pending_review',
              'unknown',
            ],
          },
          ...all(['createdTime', 'updatedTime', 'startTime', 'endTime'], time),
        }),
      }),
    },
  }),
  resource('mixins', 'mixins/paid-media/core-metrics', 'Core Paid Media Metrics', {
    extends: [SUMMARY_METRICS],
    properties: {
      paidMedia: object({
        metrics: object({
          ...all(['impressions', 'clicks', 'reach', 'videoViews', 'videoCompletions', 'engagements'], count),
          ...all(['spend', 'conversions', 'conversionValue', 'roas', 'cpm', 'cpc', 'engagementRate'], amount),
          ctr: { ...amount, maximum: 1 },
        }),
      }),
    },
  }),
];

export const GLOBAL_RESOURCES: ReadonlyMap<string, Resource> = new Map(
  resources.map((given) => [given.$id, given]),
);
