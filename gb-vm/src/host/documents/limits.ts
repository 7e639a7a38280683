import { limits } from 'gb-protocol';

/** What a document may cost. Beyond a bound the operation fails with a sentence that names it. */
export const documentLimits = {
  /** One file that is read. */
  bytesMax: limits.fileBytesMax,
  /** What is packed in one zip, docx or xlsx, together. */
  unpackedBytesMax: 104_857_600,
  packedFilesMax: 1_000,
  /** Of one sheet that is read. */
  rowsMax: 100_000,
  columnsMax: 1_000,
  /** Of all sheets of a file. */
  cellsMax: 500_000,
  /** Text that is taken out of a document, in UTF-16 units. */
  textMax: 2_000_000,
  pdfPagesMax: 1_000,
  mergedFilesMax: 50,
  /** Blocks and cells of a document that is laid out as PDF. */
  pdfPartsMax: 60_000,
  /** Pixels of a picture that is decoded. */
  pixelsMax: 40_000_000,
  /** The longer side of a picture that is made. */
  sideMax: 8_000,
  mergedPicturesMax: 20,
  /** Pictures of the drive that one document shows. */
  picturesMax: 40,
  chartPointsMax: 2_000_000,
  chartSeriesMax: 30,
  chartBarsMax: 500,
  qrTextMax: 2_000,
  /** One job of the workshop. */
  jobMsMax: 20_000,
  /** Jobs that wait, of everybody and of one customer. */
  queueMax: 200,
  queuePerCustomerMax: 20,
  /** Of a secure link. */
  linkDaysMax: 365,
  siteFilesMax: 100,
  openChannelsMax: 15,
} as const;
