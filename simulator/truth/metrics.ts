// What each metric column says, told from its name: a sum of what happened, or one such sum for each of another.
import {
  KINDS,
  byDevice,
  counted,
  ofAllKinds,
  ofKind,
  quantityOf,
  valueOf,
  type Draw,
} from './conversions.js';
import { part, type Side } from './happened.js';
import { fraction, hashText } from './hash.js';

/** Σ over × times, or Σ over × times ÷ Σ per. A longer period and a higher level have sums of more, never means. */
export interface Metric {
  over: readonly Draw[];
  per?: readonly Draw[];
  times?: number;
  /** Money is drawn in millionths; here it is wanted in units. */
  inUnits?: boolean;
}

type SideName = 'paid' | 'earned';
const SIDES: readonly SideName[] = ['paid', 'earned'];
type Both = Record<SideName, Draw>;
const both = (count: (side: Side) => number): Both => ({
  paid: (happened) => count(happened.paid),
  earned: (happened) => count(happened.earned),
});

const IMPRESSIONS = both((side) => side.impressions);
const CLICKS = both((side) => side.clicks);
const OUTBOUND = both((side) => side.outbound);
const SAVES = both((side) => side.saves);
const CLOSEUPS = both((side) => side.closeups);
const SESSIONS = both((side) => Math.floor(side.outbound * 0.9));
const spend: Draw = (happened) => happened.spendMicro;

/** Of impressions so many come so far in a video. */
const VIDEO_RATES: Readonly<Record<string, number>> = {
  P0_COMBINED: 0.35,
  MRC_VIEWS: 0.2,
  '3SEC_VIEWS': 0.17,
  P25_COMBINED: 0.15,
  P50_COMBINED: 0.09,
  '15SEC_UNIQUE_VIEWS': 0.07,
  P75_COMBINED: 0.06,
  P95_COMBINED: 0.045,
  P100_COMPLETE: 0.04,
};
const ofImpressions = (rate: number): Both => ({
  paid: ({ paid, luck }) => part(paid.impressions, rate, luck),
  earned: ({ earned, luck }) => part(earned.impressions, rate, luck),
});
const VIDEO = Object.fromEntries(
  Object.entries(VIDEO_RATES).map(([name, rate]) => [name, ofImpressions(rate)]),
);
/** Seconds that those who start a video watch it, and how long it is. */
const WATCHED_SECONDS = 6;
const VIDEO_SECONDS = 20;

/** Counts that there are of ads and of Pins saved from them, by the stem of their columns' names. */
const COUNTS: Readonly<Record<string, readonly Both[]>> = {
  IMPRESSION: [IMPRESSIONS],
  CLICKTHROUGH: [CLICKS],
  OUTBOUND_CLICK: [OUTBOUND],
  REPIN: [SAVES],
  ENGAGEMENT: [CLICKS, SAVES, CLOSEUPS],
  WEB_SESSIONS: [SESSIONS],
  ...Object.fromEntries(Object.entries(VIDEO).map(([name, draws]) => [`VIDEO_${name}`, [draws]])),
};

const drawsOf = (stem: string, sides: readonly SideName[] = SIDES): Draw[] =>
  COUNTS[stem]!.flatMap((count) => sides.map((side) => count[side]));
const paid = (stem: string): Draw[] => drawsOf(stem, ['paid']);

const people: Draw = ({ paid: { impressions }, earned }) =>
  Math.ceil((impressions + earned.impressions) / 1.6);
const credit: Draw = ({ spendMicro }) => Math.floor(spendMicro / 50);
const videoSpend: Draw = ({ spendMicro }) => Math.floor(spendMicro * 0.4);
const gross =
  (draw: Draw): Draw =>
  (happened) =>
    Math.floor(draw(happened) * 1.02);
const [starts, ends] = [VIDEO['P0_COMBINED']!, VIDEO['P100_COMPLETE']!];

const cost = (per: Draw[]): Metric => ({ over: [spend], per, inUnits: true });
const costInMicro = (per: Draw[]): Metric => ({ over: [spend], per });
const thousand = (metric: Metric): Metric => ({ ...metric, times: 1000 });
const rate = (over: Draw[], per: Draw[]): Metric => ({ over, per });

const METRICS: Readonly<Record<string, Metric>> = {
  SPEND_IN_MICRO_DOLLAR: { over: [spend] },
  SPEND_IN_DOLLAR: { over: [spend], inUnits: true },
  ADS_CREDIT_SPEND_IN_MICRO_DOLLAR: { over: [credit] },
  ADS_CREDIT_SPEND_IN_DOLLAR: { over: [credit], inUnits: true },
  VIDEO_SPEND_IN_DOLLAR: { over: [videoSpend], inUnits: true },
  PAID_IMPRESSION: { over: paid('IMPRESSION') },
  IMPRESSION_1_GROSS: { over: [gross(IMPRESSIONS.paid)] },
  CLICKTHROUGH_1_GROSS: { over: [gross(CLICKS.paid)] },
  TOTAL_IMPRESSION_USER: { over: [people] },
  TOTAL_IMPRESSION_FREQUENCY: rate(drawsOf('IMPRESSION'), [people]),
  TOTAL_DESTINATION_VIEWS: { over: drawsOf('OUTBOUND_CLICK') },
  CTR: rate(paid('CLICKTHROUGH'), paid('IMPRESSION')),
  CTR_2: rate([CLICKS.earned], [IMPRESSIONS.earned]),
  ECTR: rate(drawsOf('CLICKTHROUGH'), drawsOf('IMPRESSION')),
  OUTBOUND_CTR_1: rate(paid('OUTBOUND_CLICK'), paid('IMPRESSION')),
  OUTBOUND_CTR: rate(drawsOf('OUTBOUND_CLICK'), drawsOf('IMPRESSION')),
  REPIN_RATE: rate(paid('REPIN'), paid('IMPRESSION')),
  TOTAL_REPIN_RATE: rate(drawsOf('REPIN'), drawsOf('IMPRESSION')),
  ENGAGEMENT_RATE: rate(paid('ENGAGEMENT'), paid('IMPRESSION')),
  EENGAGEMENT_RATE: rate(drawsOf('ENGAGEMENT'), drawsOf('IMPRESSION')),
  CPC_IN_MICRO_DOLLAR: costInMicro(paid('CLICKTHROUGH')),
  ECPC_IN_MICRO_DOLLAR: costInMicro(drawsOf('CLICKTHROUGH')),
  ECPC_IN_DOLLAR: cost(drawsOf('CLICKTHROUGH')),
  CPM_IN_MICRO_DOLLAR: thousand(costInMicro(paid('IMPRESSION'))),
  CPM_IN_DOLLAR: thousand(cost(paid('IMPRESSION'))),
  ECPM_IN_MICRO_DOLLAR: thousand(costInMicro(drawsOf('IMPRESSION'))),
  ECPE_IN_DOLLAR: cost(drawsOf('ENGAGEMENT')),
  COST_PER_OUTBOUND_CLICK: cost(drawsOf('OUTBOUND_CLICK')),
  COST_PER_OUTBOUND_CLICK_IN_DOLLAR: cost(drawsOf('OUTBOUND_CLICK')),
  COST_PER_OUTBOUND_CLICK_IN_DOLLAR_1: cost(paid('OUTBOUND_CLICK')),
  CPV_IN_MICRO_DOLLAR: costInMicro(paid('VIDEO_MRC_VIEWS')),
  ECPV_IN_DOLLAR: cost(drawsOf('VIDEO_MRC_VIEWS')),
  CPCV_IN_MICRO_DOLLAR: costInMicro([ends.paid]),
  ECPCV_IN_DOLLAR: cost(drawsOf('VIDEO_P100_COMPLETE')),
  CPCV_P95_IN_MICRO_DOLLAR: costInMicro(paid('VIDEO_P95_COMBINED')),
  ECPCV_P95_IN_DOLLAR: cost(drawsOf('VIDEO_P95_COMBINED')),
  PAID_VIDEO_VIEWABLE_RATE: rate(paid('VIDEO_MRC_VIEWS'), [starts.paid]),
  VIDEO_LENGTH: { over: [starts.paid], per: [starts.paid], times: VIDEO_SECONDS },
  VIDEO_AVG_WATCHTIME_IN_SECOND_1: { over: [starts.paid], per: [starts.paid], times: WATCHED_SECONDS },
  VIDEO_AVG_WATCHTIME_IN_SECOND_2: { over: [starts.earned], per: [starts.earned], times: WATCHED_SECONDS },
  TOTAL_VIDEO_AVG_WATCHTIME_IN_SECOND: { over: [starts.paid], per: [starts.paid], times: WATCHED_SECONDS },
  TOTAL_CONVERSIONS: { over: [ofAllKinds] },
  TOTAL_CONVERSIONS_QUANTITY: { over: [quantityOf(ofAllKinds)] },
  TOTAL_CONVERSIONS_VALUE_IN_MICRO_DOLLAR: {
    over: Object.keys(KINDS).map((kind) => valueOf(kind, ofKind(kind))),
  },
  LEADS: { over: [ofKind('LEAD')] },
  COST_PER_LEAD: cost([ofKind('LEAD')]),
  ONSITE_CHECKOUTS_1: { over: [counted('CHECKOUT', undefined, 'PINTEREST')] },
};

const KIND = `(?<kind>${Object.keys(KINDS).join('|')})`;
const CHANNEL = '(?:(?<channel>WEB|INAPP|OFFLINE|PINTEREST)_)?';
const SIDED = new RegExp(`^(?:TOTAL_)?(?<stem>${Object.keys(COUNTS).join('|')})(?:_(?<side>[12]))?$`);
const COUNTED = new RegExp(
  `^TOTAL_${CHANNEL}(?:(?<source>CLICK|ENGAGEMENT|VIEW)_)?${KIND}(?<of>_VALUE_IN_MICRO_DOLLAR|_QUANTITY)?$`,
);
const DEVICES = new RegExp(`^TOTAL_${KIND}_(?<from>[A-Z]+)_ACTION_TO_(?<to>[A-Z]+)_CONVERSION$`);
const RATED = new RegExp(`^(?:TOTAL_)?${CHANNEL}${KIND}_(?<of>COST_PER_ACTION|ROAS|CONVERSION_RATE)$`);

const conversionOf = (name: string): Metric | undefined => {
  const {
    kind = '',
    source,
    channel,
    of,
    from,
    to,
  } = (COUNTED.exec(name) ?? DEVICES.exec(name) ?? RATED.exec(name))?.groups ?? {};
  if (!kind) return undefined;
  if (from !== undefined && to !== undefined) return { over: [byDevice(kind, from, to)] };
  const count = counted(kind, source, channel);
  switch (of) {
    case '_VALUE_IN_MICRO_DOLLAR':
      return { over: [valueOf(kind, count)] };
    case '_QUANTITY':
      return { over: [quantityOf(count)] };
    case 'ROAS':
      return rate([valueOf(kind, count)], [spend]);
    case 'COST_PER_ACTION':
      return cost([count]);
    case 'CONVERSION_RATE':
      return rate([count], drawsOf('CLICKTHROUGH'));
    default:
      return { over: [count] };
  }
};

const sidedOf = (name: string): Metric | undefined => {
  const { stem, side } = SIDED.exec(name)?.groups ?? {};
  if (stem === undefined) return undefined;
  return { over: drawsOf(stem, side === undefined ? SIDES : [side === '1' ? 'paid' : 'earned']) };
};

/** What few ads have (quizzes, showcases, idea Pins): a small part of the impressions, another for each name. */
const otherOf = (name: string): Metric => {
  const draws = ofImpressions(0.002 + 0.006 * fraction(hashText(name, 0)));
  if (/RATE$|AVERAGE/.test(name)) return rate([draws.paid], paid('IMPRESSION'));
  if (/_[12]$/.test(name)) return { over: [name.endsWith('1') ? draws.paid : draws.earned] };
  return { over: [draws.paid, draws.earned] };
};

export const metricOf = (name: string): Metric =>
  METRICS[name] ?? sidedOf(name) ?? conversionOf(name) ?? otherOf(name);

/** Pinterest gives millionths whole. */
export const isWhole = (name: string): boolean => name.endsWith('_IN_MICRO_DOLLAR');
