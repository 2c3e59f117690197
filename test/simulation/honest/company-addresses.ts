/** The address behind which everybody in an office is. */
export function officeAddress(office: number): string {
  return `198.18.${office % 256}.7`;
}

/** The addresses of a company's proxies: four, in three networks. */
export function proxyAddresses(company: number): readonly [string, string, string, string] {
  const third = (company * 3) % 240;
  return [`198.19.${third}.4`, `198.19.${third}.5`, `198.19.${third + 1}.4`, `198.19.${third + 2}.4`];
}

/** A machine of a data centre. */
export function machineAddress(dataCentre: number, machine: number): string {
  return `172.${16 + (dataCentre % 16)}.${Math.floor(dataCentre / 16) % 256}.${10 + machine}`;
}
