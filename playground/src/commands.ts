/** The commands that can be called, each subcommand by itself, and how a call of one is put together. */
import type { Api } from "./api";
import type { CommandCall, SentOption } from "./interactions";
import { type Command, type CommandOption, CommandType, OptionType } from "./types";

/** One thing that can be called: a command without subcommands, or one subcommand. */
export interface Callable {
  command: Command;
  /** Names from the command down, and the same as this seat's language shows them. */
  path: string[];
  shown: string;
  description: string;
  options: CommandOption[];
}

export function fetchCommands(api: Api, channelId: string): Promise<Command[]> {
  const path = `/channels/${channelId}/application-command-index`;
  return api.get<{ application_commands: Command[] }>(path).then((found) => found.application_commands);
}

export function callables(commands: readonly Command[]): Callable[] {
  const found: Callable[] = [];
  for (const command of commands) {
    if (command.type === CommandType.slash) collect(command, command, [], "/", found);
  }
  return found.sort((a, b) => a.shown.localeCompare(b.shown));
}

function collect(command: Command, part: Command | CommandOption, path: string[], shown: string, found: Callable[]): void {
  const here = [...path, part.name];
  const name = shown + (part.name_localized ?? part.name);
  const nested = (part.options ?? []).filter((each) => each.type === OptionType.sub || each.type === OptionType.group);
  for (const each of nested) collect(command, each, here, `${name} `, found);
  if (nested.length) return;
  const description = part.description_localized ?? part.description;
  found.push({ command, path: here, shown: name, description, options: part.options ?? [] });
}

/** A call with its options inside their subcommand, and that inside its group. */
export function callOf(callable: Callable, options: SentOption[]): CommandCall {
  const { command, path } = callable;
  let nested = options;
  path.slice(1).reverse().forEach((name, depth) => {
    nested = [{ name, type: depth === 0 ? OptionType.sub : OptionType.group, options: nested }];
  });
  return { name: command.name, type: command.type, application_id: command.application_id, options: nested };
}

/** What is typed, cut into a callable and what follows its name; null while no name is complete. */
export function recognise(text: string, known: readonly Callable[]): { callable: Callable; rest: string } | null {
  const fitting = known.filter((each) => text.startsWith(`${each.shown} `));
  const longest = fitting.sort((a, b) => b.shown.length - a.shown.length)[0];
  return longest ? { callable: longest, rest: text.slice(longest.shown.length + 1) } : null;
}

/** The callables that fit what has been typed: names that begin so first, then those that hold it anywhere. */
export function suggested(typed: string, known: readonly Callable[]): Callable[] {
  const wanted = typed.toLowerCase();
  const rank = (each: Callable): number => {
    const name = each.shown.toLowerCase();
    if (name.startsWith(wanted)) return 0;
    return name.includes(wanted.slice(1)) || each.description.toLowerCase().includes(wanted.slice(1)) ? 1 : 2;
  };
  return known.filter((each) => rank(each) < 2).sort((a, b) => rank(a) - rank(b));
}
