// The sections of the side menu, in the manual's order (S3 2.2.3).
export const sections = ['home', 'devices', 'host', 'collection', 'events', 'admin', 'settings', 'about'] as const;
export type Section = (typeof sections)[number];
