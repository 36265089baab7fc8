/** Takes gateway events into the store. */
import type { Gateway } from "./gateway";
import type { Interactions } from "./interactions";
import type { Store } from "./store";
import type { Channel, Guild, Member, Message, Reaction, Role, User } from "./types";

type Handler = (data: never) => void;

/** What to do at each event. */
export function handlers(store: Store, interactions: Interactions, gateway: () => Gateway): Record<string, Handler> {
  const setReaction = (data: ReactionEvent, change: 1 | -1): void => {
    const message = store.timeline(data.channel_id).find(data.message_id);
    if (message) store.putMessage({ ...message, reactions: counted(message, data, change, store.me.id) }, false);
  };
  return {
    READY: (data: { user: User }) => {
      store.me = data.user;
      store.forgetMessages();
      interactions.sessionId = gateway().sessionId;
    },
    GUILD_CREATE: (data: Guild) => {
      store.load(data);
      store.connected = true;
      store.tell("connection");
    },
    GUILD_MEMBER_ADD: (data: Member) => setMember(store, data),
    GUILD_MEMBER_UPDATE: (data: Member) => setMember(store, data),
    GUILD_ROLE_CREATE: (data: { role: Role }) => setRole(store, data.role),
    GUILD_ROLE_UPDATE: (data: { role: Role }) => setRole(store, data.role),
    CHANNEL_CREATE: (data: Channel) => store.putChannel(data),
    CHANNEL_UPDATE: (data: Channel) => store.putChannel(data),
    CHANNEL_DELETE: (data: Channel) => store.removeChannel(data.id),
    THREAD_CREATE: (data: Channel) => store.putChannel(data),
    THREAD_UPDATE: (data: Channel) => store.putChannel(data),
    THREAD_DELETE: (data: Channel) => store.removeChannel(data.id),
    MESSAGE_CREATE: (data: Message) => store.putMessage(data, true),
    MESSAGE_UPDATE: (data: Message) => store.putMessage(data, false),
    MESSAGE_DELETE: (data: { id: string; channel_id: string }) => store.removeMessage(data.channel_id, data.id),
    MESSAGE_DELETE_BULK: (data: { ids: string[]; channel_id: string }) => {
      for (const id of data.ids) store.removeMessage(data.channel_id, id);
    },
    MESSAGE_REACTION_ADD: (data: ReactionEvent) => setReaction(data, 1),
    MESSAGE_REACTION_REMOVE: (data: ReactionEvent) => setReaction(data, -1),
    TYPING_START: (data: { channel_id: string; user_id: string }) => store.startTyping(data.channel_id, data.user_id),
  };
}

interface ReactionEvent {
  channel_id: string;
  message_id: string;
  user_id: string;
  emoji: { name: string | null };
}

function counted(message: Message, event: ReactionEvent, change: 1 | -1, me: string): Reaction[] {
  const reactions = [...(message.reactions ?? [])];
  const place = reactions.findIndex((each) => each.emoji.name === event.emoji.name);
  const before = reactions[place] ?? { emoji: event.emoji, count: 0, me: false };
  const after = { ...before, count: before.count + change, me: event.user_id === me ? change > 0 : before.me };
  if (place < 0) reactions.push(after);
  else reactions[place] = after;
  return reactions.filter((each) => each.count > 0);
}

function setMember(store: Store, member: Member): void {
  store.members.set(member.user.id, member);
  store.tell("people");
  store.tell("channels");
}

function setRole(store: Store, role: Role): void {
  store.guild.roles = [...store.guild.roles.filter((each) => each.id !== role.id), role];
  store.tell("people");
  store.tell("channels");
}
