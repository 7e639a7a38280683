/** The conversation changed while its turn ran; what the turn did is undone. */
export class Superseded extends Error {}
