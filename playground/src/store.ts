/** What this seat knows of its server, kept up to date by the gateway, and who wants to hear of changes. */
import { Permission, permissionsIn } from "./permissions";
import { Timeline } from "./timeline";
import { type Channel, ChannelType, type Guild, type Member, type Message, MessageFlag, type Role, type User } from "./types";

/** What changed: the list of channels, the messages of a channel, who types, which channel is open, people. */
export type Topic = "channels" | "messages" | "typing" | "here" | "people" | "connection" | "chosen";
export type Change = { channelId?: string; message?: Message; isNew?: boolean; removed?: string };
type Listener = (change: Change) => void;

/** How long somebody is shown as typing after the last sign of it, as in Discord's client. */
const TYPING_MS = 10_000;

export class Store {
  me: User = { id: "0", username: "", global_name: null };
  guild: Guild = { id: "0", name: "", owner_id: "0", roles: [], channels: [], threads: [], members: [] };
  here: string | null = null;
  /** The message whose decision is shown; null follows the newest one. */
  chosen: string | null = null;
  connected = false;
  readonly channels = new Map<string, Channel>();
  readonly members = new Map<string, Member>();
  readonly unread = new Set<string>();
  private readonly timelines = new Map<string, Timeline>();
  private readonly typists = new Map<string, Map<string, number>>();
  private readonly dismissed = new Set<string>();
  private readonly listeners = new Map<Topic, Set<Listener>>();

  on(topic: Topic, listener: Listener): void {
    const known = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, known.add(listener));
  }

  tell(topic: Topic, change: Change = {}): void {
    for (const listener of this.listeners.get(topic) ?? []) listener(change);
  }

  timeline(channelId: string): Timeline {
    let found = this.timelines.get(channelId);
    if (!found) this.timelines.set(channelId, (found = new Timeline()));
    return found;
  }

  /** Forgets all messages: after a new session nobody knows what was missed. */
  forgetMessages(): void {
    this.timelines.clear();
  }

  load(guild: Guild): void {
    this.guild = guild;
    this.channels.clear();
    this.members.clear();
    for (const each of [...guild.channels, ...guild.threads]) this.channels.set(each.id, each);
    for (const each of guild.members) this.members.set(each.user.id, each);
    this.tell("channels");
    this.tell("people");
  }

  /** The channels this seat can see, without threads, in their order. */
  visibleChannels(): Channel[] {
    const listed = [...this.channels.values()].filter((each) => !isThread(each) && this.may(each, Permission.view));
    return listed.sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  }

  /** The threads of a channel, newest first. */
  threadsOf(channelId: string): Channel[] {
    const threads = [...this.channels.values()].filter((each) => isThread(each) && each.parent_id === channelId);
    return threads.sort((a, b) => Number(BigInt(b.id) - BigInt(a.id)));
  }

  may(channel: Channel, permission: bigint): boolean {
    const held = isThread(channel) ? (this.channels.get(channel.parent_id ?? "") ?? channel) : channel;
    const member = this.members.get(this.me.id);
    return member !== undefined && (permissionsIn(this.guild, held, member) & permission) !== 0n;
  }

  nameOf(user: User): string {
    return this.members.get(user.id)?.nick ?? user.global_name ?? user.username;
  }

  /** The colour of somebody's highest coloured role. */
  colourOf(userId: string): string | null {
    const held = new Set(this.members.get(userId)?.roles ?? []);
    const coloured = this.guild.roles.filter((role: Role) => held.has(role.id) && role.color);
    const highest = coloured.sort((a, b) => b.position - a.position)[0];
    return highest ? `#${highest.color.toString(16).padStart(6, "0")}` : null;
  }

  go(channelId: string): void {
    this.here = channelId;
    this.chosen = null;
    this.unread.delete(channelId);
    this.tell("here");
    this.tell("channels");
    this.tell("chosen");
  }

  putMessage(message: Message, isNew: boolean): void {
    if (this.dismissed.has(message.id)) return;
    const channelId = message.channel_id;
    if (isNew) {
      this.stopTyping(channelId, message.author.id);
      if (channelId !== this.here && message.author.id !== this.me.id) {
        this.unread.add(channelId);
        this.tell("channels");
      }
    }
    const held = this.timelines.get(channelId);
    if (held?.put(withoutNested(message, held.find(message.id)))) this.tell("messages", { channelId, message, isNew });
  }

  removeMessage(channelId: string, id: string): void {
    if (this.timelines.get(channelId)?.remove(id)) this.tell("messages", { channelId, removed: id });
  }

  /** Takes an ephemeral message off the screen for good; only this seat knows. */
  dismiss(message: Message): void {
    if (!(message.flags & MessageFlag.ephemeral)) throw new Error("only an ephemeral message can be dismissed");
    this.dismissed.add(message.id);
    this.removeMessage(message.channel_id, message.id);
  }

  putChannel(channel: Channel): void {
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    this.tell("channels", { channelId: channel.id });
  }

  removeChannel(id: string): void {
    this.channels.delete(id);
    this.tell("channels", { channelId: id });
  }

  startTyping(channelId: string, userId: string): void {
    if (userId === this.me.id) return;
    const here = this.typists.get(channelId) ?? new Map<string, number>();
    clearTimeout(here.get(userId));
    here.set(userId, window.setTimeout(() => this.stopTyping(channelId, userId), TYPING_MS));
    this.typists.set(channelId, here);
    this.tell("typing", { channelId });
  }

  typing(channelId: string): string[] {
    return [...(this.typists.get(channelId)?.keys() ?? [])];
  }

  private stopTyping(channelId: string, userId: string): void {
    const here = this.typists.get(channelId);
    clearTimeout(here?.get(userId));
    if (here?.delete(userId)) this.tell("typing", { channelId });
  }
}

export function isThread(channel: Channel): boolean {
  return channel.type === ChannelType.thread || channel.type === ChannelType.privateThread;
}

/** An update does not always repeat the message replied to; what is known of it is kept. */
function withoutNested(message: Message, before: Message | undefined): Message {
  if (message.referenced_message === undefined && before?.referenced_message) {
    return { ...message, referenced_message: before.referenced_message };
  }
  return message;
}
