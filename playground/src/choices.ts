/** What a select menu offers: its own options, or the people, roles and channels that this seat knows. */
import type { Item } from "./listbox";
import { type Store, isThread } from "./store";
import { type Component, ComponentType } from "./types";

/** The choices of a menu, with its defaults chosen. */
export function choices(menu: Component, store: Store): Item<string>[] {
  const defaults = new Set(menu.default_values?.map((each) => each.id));
  if (menu.type === ComponentType.stringSelect || menu.options) {
    return (menu.options ?? []).map((option) => ({
      value: option.value,
      label: `${option.emoji?.name ? `${option.emoji.name} ` : ""}${option.label}`,
      detail: option.description ?? "",
      selected: option.default ?? false,
    }));
  }
  const found: Item<string>[] = [];
  if (menu.type === ComponentType.userSelect || menu.type === ComponentType.mentionableSelect) found.push(...people(store));
  if (menu.type === ComponentType.roleSelect || menu.type === ComponentType.mentionableSelect) found.push(...roles(store));
  if (menu.type === ComponentType.channelSelect) found.push(...channels(store, menu.channel_types));
  return found.map((item) => ({ ...item, selected: defaults.has(item.value) }));
}

export function people(store: Store): Item<string>[] {
  return [...store.members.values()].map(({ user }) => ({ value: user.id, label: store.nameOf(user), hint: user.username }));
}

export function roles(store: Store): Item<string>[] {
  return store.guild.roles.map((role) => ({ value: role.id, label: role.name }));
}

/** The channels this seat can see, threads left out unless their type is asked for. */
export function channels(store: Store, types: readonly number[] | undefined): Item<string>[] {
  const threads = [...store.channels.values()].filter((each) => isThread(each) && types?.includes(each.type));
  const plain = store.visibleChannels().filter((each) => !types?.length || types.includes(each.type));
  return [...plain, ...threads].map((each) => ({ value: each.id, label: `#${each.name ?? each.id}` }));
}
