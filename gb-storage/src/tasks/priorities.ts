import type { TaskPriority } from 'gb-core';

const priorities = ['high', 'normal', 'low'] as const;

export function priorityNumber(priority: TaskPriority): number {
  return priorities.indexOf(priority);
}

export function priorityOf(number: number): TaskPriority {
  return priorities[number] ?? 'normal';
}
