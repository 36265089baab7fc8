/** Who may do what, added up as Discord documents it (topic "Permissions"). */
import type { Channel, Guild, Member } from "./types";

export const Permission = {
  administrator: 1n << 3n,
  addReactions: 1n << 6n,
  view: 1n << 10n,
  send: 1n << 11n,
  manageMessages: 1n << 13n,
  attachFiles: 1n << 15n,
  createThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
} as const;

const ALL = (1n << 53n) - 1n;
const FOR_MEMBER = 1;

/** What a member may do in a channel; for a thread pass the channel it hangs from. */
export function permissionsIn(guild: Guild, channel: Channel, member: Member): bigint {
  if (guild.owner_id === member.user.id) return ALL;
  const held = new Set([guild.id, ...member.roles]);
  let bits = 0n;
  for (const role of guild.roles) if (held.has(role.id)) bits |= BigInt(role.permissions);
  if (bits & Permission.administrator) return ALL;
  const overwrites = channel.permission_overwrites ?? [];
  const everyone = overwrites.filter((each) => each.id === guild.id);
  const roles = overwrites.filter((each) => each.type !== FOR_MEMBER && each.id !== guild.id && held.has(each.id));
  const own = overwrites.filter((each) => each.type === FOR_MEMBER && each.id === member.user.id);
  for (const group of [everyone, roles, own]) {
    for (const each of group) bits &= ~BigInt(each.deny);
    for (const each of group) bits |= BigInt(each.allow);
  }
  return bits & Permission.view ? bits : 0n;
}
