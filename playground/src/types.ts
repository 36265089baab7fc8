/** What Discord's REST API and gateway send, as far as the page reads it. */

export const ChannelType = { text: 0, dm: 1, category: 4, thread: 11, privateThread: 12, forum: 15 } as const;
export const MessageType = { default: 0, threadCreated: 18, reply: 19, slash: 20, threadStarter: 21, menu: 23 } as const;
export const MessageFlag = { hasThread: 1 << 5, ephemeral: 1 << 6, loading: 1 << 7 } as const;
export const CommandType = { slash: 1, user: 2, message: 3 } as const;
export const InteractionType = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
export const OptionType = {
  sub: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, file: 11,
} as const;
export const ComponentType = {
  row: 1, button: 2, stringSelect: 3, text: 4, userSelect: 5, roleSelect: 6, mentionableSelect: 7, channelSelect: 8,
  textDisplay: 10, label: 18, upload: 19, radios: 21, boxes: 22, box: 23,
} as const;

export interface User {
  id: string;
  username: string;
  global_name: string | null;
  bot?: boolean;
}

export interface Member {
  user: User;
  nick: string | null;
  roles: string[];
}

export interface Role {
  id: string;
  name: string;
  permissions: string;
  color: number;
  position: number;
}

export interface Overwrite {
  id: string;
  type: number;
  allow: string;
  deny: string;
}

export interface Channel {
  id: string;
  type: number;
  name?: string;
  topic?: string | null;
  position?: number;
  parent_id?: string | null;
  owner_id?: string;
  message_count?: number;
  permission_overwrites?: Overwrite[];
  available_tags?: { id: string; name: string }[];
  applied_tags?: string[];
  thread_metadata?: { archived: boolean; locked: boolean; create_timestamp?: string };
  last_message_id?: string | null;
}

export interface Guild {
  id: string;
  name: string;
  owner_id: string;
  roles: Role[];
  channels: Channel[];
  threads: Channel[];
  members: Member[];
}

export interface Attachment {
  id: string;
  filename: string;
  size: number;
  url: string;
  content_type?: string;
  description?: string;
  width?: number;
  height?: number;
}

export interface EmbedPicture {
  url: string;
  width?: number;
  height?: number;
}

export interface Embed {
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  timestamp?: string;
  author?: { name: string; url?: string };
  footer?: { text: string };
  fields?: { name: string; value: string; inline?: boolean }[];
  image?: EmbedPicture;
  thumbnail?: EmbedPicture;
}

export interface Emoji {
  id?: string | null;
  name?: string | null;
}

export interface SelectOption {
  label: string;
  value: string;
  description?: string;
  emoji?: Emoji;
  default?: boolean;
}

export interface Component {
  type: number;
  id?: number;
  custom_id?: string;
  label?: string;
  description?: string;
  content?: string;
  style?: number;
  url?: string;
  emoji?: Emoji;
  disabled?: boolean;
  placeholder?: string;
  min_values?: number;
  max_values?: number;
  min_length?: number;
  max_length?: number;
  required?: boolean;
  value?: string;
  default?: boolean;
  options?: SelectOption[];
  default_values?: { id: string }[];
  channel_types?: number[];
  components?: Component[];
  component?: Component;
}

export interface Reaction {
  emoji: Emoji;
  count: number;
  me: boolean;
}

export interface Message {
  id: string;
  type: number;
  channel_id: string;
  author: User;
  content: string;
  timestamp: string;
  edited_timestamp: string | null;
  mentions: User[];
  mention_everyone: boolean;
  attachments: Attachment[];
  embeds: Embed[];
  components: Component[];
  flags: number;
  nonce?: string;
  reactions?: Reaction[];
  thread?: Channel;
  message_reference?: { channel_id: string; message_id?: string };
  referenced_message?: Message | null;
  interaction_metadata?: { id: string; type: number; user: User; target_message_id?: string };
  interaction?: { name: string };
}

export interface CommandOption {
  type: number;
  name: string;
  name_localized?: string;
  description: string;
  description_localized?: string;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; name_localized?: string; value: string | number }[];
  options?: CommandOption[];
  channel_types?: number[];
  min_value?: number;
  max_value?: number;
  max_length?: number;
}

export interface Command {
  id: string;
  application_id: string;
  type: number;
  name: string;
  name_localized?: string;
  description: string;
  description_localized?: string;
  options?: CommandOption[];
}
