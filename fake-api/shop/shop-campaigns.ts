import { DAY_MS } from '../../src/base/dates/calendar.js';
import { formatDay } from '../server/day.js';
import { createRandom, drawInteger } from '../server/random.js';

/** One day of a campaign that runs. Money is in euros. */
export interface ShopCampaign {
  readonly campaign_id: number;
  readonly name: string;
  readonly channel: Channel;
  readonly day: string;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly budget: number;
  readonly spend: number;
  readonly impressions: number;
  readonly clicks: number;
  /** Whom to ask about it. */
  readonly owner_email: string;
}

const CHANNELS = ['search', 'social', 'email', 'affiliate'] as const;
type Channel = (typeof CHANNELS)[number];

/** Cents that a day costs, and clicks that a thousand impressions give. */
const TERMS: Readonly<Record<Channel, readonly [centsADay: number, clicksPerMille: number]>> = {
  search: [90_000, 42],
  social: [70_000, 17],
  email: [38_000, 31],
  affiliate: [45_000, 24],
};

/** One campaign a channel and month. */
export function listCampaigns(seed: string, day: number): readonly ShopCampaign[] {
  return CHANNELS.map((channel, index) => makeCampaign(seed, day, channel, index));
}

/** Ids of the campaigns that run on a day. */
export function listCampaignIds(day: number): readonly number[] {
  return CHANNELS.map((_, index) => campaignIdAt(day, index));
}

function campaignIdAt(day: number, index: number): number {
  const date = new Date(day * DAY_MS);
  return (date.getUTCFullYear() * 100 + date.getUTCMonth() + 1) * 10 + index + 1;
}

function makeCampaign(seed: string, day: number, channel: Channel, index: number): ShopCampaign {
  const id = campaignIdAt(day, index);
  const date = new Date(day * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const [first, last] = [Date.UTC(year, month, 1) / DAY_MS, Date.UTC(year, month + 1, 0) / DAY_MS];
  const [centsADay, clicksPerMille] = TERMS[channel];
  const random = createRandom(`shop:campaign:${seed}:${id}:${day}`);
  const impressions = 40_000 + drawInteger(random, 60_000);
  return {
    campaign_id: id,
    name: `${formatDay(first).slice(0, 7)} ${channel}`,
    channel,
    day: formatDay(day),
    starts_on: formatDay(first),
    ends_on: formatDay(last),
    budget: (centsADay * (last - first + 1)) / 100,
    spend: Math.round(centsADay * (0.7 + 0.6 * random())) / 100,
    impressions,
    clicks: Math.round((impressions * clicksPerMille * (0.8 + 0.4 * random())) / 1_000),
    owner_email: `${channel}.desk@lakeside.example`,
  };
}
