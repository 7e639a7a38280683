export { documentLimits } from './limits.ts';
export type { DocumentOptions } from './operations/context.ts';
export { chartPicture } from './operations/pictures.ts';
export { documentOperations, readPlace, writePlace } from './operations.ts';
export { pictureSize } from './pictures/size.ts';
export { readCell, readSheets, type Sheet, writeCell, writeSheet } from './sheets/sheets.ts';
export { textOf } from './text-of.ts';
export { createDocumentWorkshop, type DocumentWorkshop, type JobScope, type WorkshopOptions } from './workshop.ts';
