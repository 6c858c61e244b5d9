// Pages are found, not listed: every folder of src/ that has a pages.tsx exports `pages`, and a page is added by adding a row.
import type { ComponentType, LazyExoticComponent, ReactNode } from 'react';
import type { Section } from './menu';

export interface Page {
  /** Address, "/devices/:id". */
  path: string;
  /** Key of the title in a dictionary: "devices:list.title". */
  title: string;
  /** Permission without which the page is neither shown nor opened ("View.Devices"). */
  permission?: string;
  /** The face of the program that has the page; without it both have. */
  face?: 'gateway' | 'head-end';
  component: ComponentType | LazyExoticComponent<ComponentType>;
  /** Where it stands in the menu; pages without it are opened from others. */
  menu?: { section: Section; order: number; icon?: ReactNode };
  /** Address of the page above it, for the crumbs and the highlighted row of the menu. */
  parent?: string;
}

const found = import.meta.glob<{ pages: Page[] }>('../*/pages.tsx', { eager: true });
export const pages: Page[] = Object.values(found).flatMap((module) => module.pages);
