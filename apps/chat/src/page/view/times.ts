/** Times as the reader's own place and language write them. */
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

export const clockTime = (at: number): string => clock.format(at);
export const fullTime = (at: number): string => full.format(at);

const two = (value: number): string => String(value).padStart(2, "0");

/** The date in the reader's time zone as `2026-01-31`, for machines. */
export function dayStamp(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function dayName(at: number, now: number): string {
  const date = new Date(at);
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayStamp(at) === dayStamp(now)) return "Today";
  if (dayStamp(at) === dayStamp(yesterday.getTime())) return "Yesterday";
  return (date.getFullYear() === new Date(now).getFullYear() ? day : dayAndYear).format(at);
}
