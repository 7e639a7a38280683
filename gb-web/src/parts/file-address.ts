import type { FileId } from 'gb-protocol';

export const fileAddress = (id: FileId): string => `/api/files/${id}`;
export const downloadAddress = (id: FileId): string => `/api/files/${id}?download=true`;
