/** Dates and times as Discord words them, by the clock of the playground's world. */

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", year: "numeric" });
const FULL = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const RELATIVE = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1],
];

let ahead = 0;

/** Tells the page how late it is in the world, whose clock can be moved. */
export function setClock(now: string): void {
  const world = Date.parse(now);
  if (!Number.isNaN(world)) ahead = world - Date.now();
}

export function worldNow(): Date {
  return new Date(Date.now() + ahead);
}

export function sameDay(a: string, b: string): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

export function dayOf(timestamp: string): string {
  return DAY.format(new Date(timestamp));
}

export function clockTime(timestamp: string): string {
  return TIME.format(new Date(timestamp));
}

/** "Today at 12:30", "Yesterday at 12:30", "01/02/2026, 12:30". */
export function spoken(timestamp: string): string {
  const then = new Date(timestamp);
  const today = worldNow();
  const yesterday = new Date(today.getTime() - 86_400_000);
  if (then.toDateString() === today.toDateString()) return `Today at ${TIME.format(then)}`;
  if (then.toDateString() === yesterday.toDateString()) return `Yesterday at ${TIME.format(then)}`;
  return `${SHORT.format(then)}, ${TIME.format(then)}`;
}

/** A time in a message (`<t:…:style>`), by Discord's table of styles. */
export function styled(seconds: number, style: string): string {
  const then = new Date(seconds * 1000);
  if (Number.isNaN(then.getTime())) return String(seconds);
  switch (style) {
    case "t": return TIME.format(then);
    case "T": return then.toLocaleTimeString("en-GB");
    case "d": return SHORT.format(then);
    case "D": return DAY.format(then);
    case "F": return `${FULL.format(then)} ${TIME.format(then)}`;
    case "R": return relative(then);
    default: return `${DAY.format(then)} ${TIME.format(then)}`;
  }
}

function relative(then: Date): string {
  const seconds = (then.getTime() - worldNow().getTime()) / 1000;
  const [unit, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}
