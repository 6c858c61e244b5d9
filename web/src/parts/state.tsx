// States as people see them: a colour, an icon and a word together.
import { CheckCircleOutlined, ClockCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined, MinusCircleOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { stateColors, useDark } from '../app/theme';

export type StateKind = keyof (typeof stateColors)['light'];

const icons: Record<StateKind, ReactNode> = {
  ok: <CheckCircleOutlined />, partial: <ExclamationCircleOutlined />, failed: <CloseCircleOutlined />,
  waiting: <ClockCircleOutlined />, never: <MinusCircleOutlined />,
};

export function State({ kind, children }: { kind: StateKind; children: ReactNode }) {
  const colors = useStateColors();
  return <span className="state" style={{ color: colors[kind] }}>{icons[kind]}<span>{children}</span></span>;
}

export function useStateColors() {
  return stateColors[useDark() ? 'dark' : 'light'];
}
