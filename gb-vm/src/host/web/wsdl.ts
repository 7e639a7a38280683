import type { XmlNode } from './page-reader.ts';

/** How one method of a SOAP service is called. */
export interface SoapMethod {
  readonly name: string;
  readonly action: string;
  /** Element around the values. */
  readonly wrapper: { readonly uri: string; readonly name: string };
  /** Whether the elements inside are in the wrapper's namespace too. */
  readonly isQualified: boolean;
  /** Names of the elements inside in the order the service wants; empty when the description does not say. */
  readonly order: readonly string[];
  readonly version: '1.1' | '1.2';
  readonly endpoint: string | null;
}

/** An element with what prefixes mean at its place. */
interface Placed {
  readonly node: XmlNode;
  readonly prefixes: Readonly<Record<string, string>>;
}

interface QName {
  readonly uri: string;
  readonly name: string;
}

const wsdlUri = 'http://schemas.xmlsoap.org/wsdl/';
const schemaUri = 'http://www.w3.org/2001/XMLSchema';
const soapUris: Readonly<Record<string, '1.1' | '1.2'>> = {
  'http://schemas.xmlsoap.org/wsdl/soap/': '1.1',
  'http://schemas.xmlsoap.org/wsdl/soap12/': '1.2',
};

export const isWsdl = (node: XmlNode): boolean => node.name === 'definitions' && node.uri === wsdlUri;

/** Addresses of the other documents a description is made of. */
export function importsOf(root: XmlNode): readonly string[] {
  const found: string[] = [];
  const visit = (node: XmlNode): void => {
    const isImport = node.name === 'import' || node.name === 'include';
    const address = node.attributes['location'] ?? node.attributes['schemaLocation'];
    if (isImport && (node.uri === wsdlUri || node.uri === schemaUri) && address) found.push(address);
    for (const child of node.children) if (typeof child !== 'string') visit(child);
  };
  visit(root);
  return found;
}

/** The methods of a service by name, from its description and the documents it imports. SOAP 1.1 before 1.2. */
export function methodsOf(documents: readonly XmlNode[]): ReadonlyMap<string, SoapMethod> {
  const roots = documents.map((node): Placed => ({ node, prefixes: node.prefixes }));
  const definitions = roots.filter(({ node }) => isWsdl(node));
  const schemas = [
    ...roots.filter(({ node }) => node.name === 'schema' && node.uri === schemaUri),
    ...definitions.flatMap((one) => childrenOf(one, 'types').flatMap((types) => childrenOf(types, 'schema'))),
  ];
  const methods = new Map<string, SoapMethod>();
  for (const port of definitions.flatMap((one) => childrenOf(one, 'service').flatMap((service) => childrenOf(service, 'port')))) {
    const address = port.node.children.find(
      (one): one is XmlNode => typeof one !== 'string' && one.name === 'address' && one.uri in soapUris,
    );
    const version = address && soapUris[address.uri];
    if (!version) continue;
    const endpoint = address.attributes['location'] ?? null;
    for (const method of methodsOfBinding(qname(port, 'binding').name, definitions, schemas)) {
      const known = methods.get(method.name);
      if (!known || (known.version === '1.2' && version === '1.1')) methods.set(method.name, { ...method, version, endpoint });
    }
  }
  return methods;
}

function methodsOfBinding(
  name: string,
  definitions: readonly Placed[],
  schemas: readonly Placed[],
): Omit<SoapMethod, 'version' | 'endpoint'>[] {
  const binding = named(definitions, 'binding', name);
  if (!binding) return [];
  const portType = named(definitions, 'portType', qname(binding, 'type').name);
  const style = soapChild(binding, 'binding')?.attributes['style'] ?? 'document';
  const targetNamespace = definitions[0]?.node.attributes['targetNamespace'] ?? '';
  return childrenOf(binding, 'operation').map((operation) => {
    const method = operation.node.attributes['name'] ?? '';
    const soap = soapChild(operation, 'operation');
    const input = childrenOf(operation, 'input')[0];
    const bodyNamespace = (input && soapChild(input, 'body')?.attributes['namespace']) ?? targetNamespace;
    const parts = partsOf(method, portType, definitions);
    const action = soap?.attributes['soapAction'] ?? '';
    const isRpc = (soap?.attributes['style'] ?? style) === 'rpc';
    const element = parts.find((part) => part.node.attributes['element'] !== undefined);
    if (isRpc || !element) {
      const order = parts.map((part) => part.node.attributes['name'] ?? '');
      return { name: method, action, wrapper: { uri: bodyNamespace, name: method }, isQualified: false, order };
    }
    const wrapper = qname(element, 'element');
    return { name: method, action, wrapper, ...shapeOf(wrapper, schemas) };
  });
}

function partsOf(method: string, portType: Placed | undefined, definitions: readonly Placed[]): readonly Placed[] {
  const operation = portType && childrenOf(portType, 'operation').find(({ node }) => node.attributes['name'] === method);
  const input = operation && childrenOf(operation, 'input')[0];
  const message = input && named(definitions, 'message', qname(input, 'message').name);
  return message ? childrenOf(message, 'part') : [];
}

/** What an element of the schemas holds. */
function shapeOf(wrapper: QName, schemas: readonly Placed[]): Pick<SoapMethod, 'isQualified' | 'order'> {
  const own = schemas.filter(({ node }) => (node.attributes['targetNamespace'] ?? '') === wrapper.uri);
  const isQualified = own.some(({ node }) => node.attributes['elementFormDefault'] === 'qualified');
  const element = named(own, 'element', wrapper.name);
  const typeName = element?.node.attributes['type'] === undefined ? null : qname(element, 'type');
  const type = typeName
    ? named(
        schemas.filter(({ node }) => (node.attributes['targetNamespace'] ?? '') === typeName.uri),
        'complexType',
        typeName.name,
      )
    : element && childrenOf(element, 'complexType')[0];
  const sequence = type && childrenOf(type, 'sequence')[0];
  const order = (sequence ? childrenOf(sequence, 'element') : []).map(
    ({ node }) => node.attributes['name'] ?? (node.attributes['ref'] ?? '').split(':').at(-1)!,
  );
  return { isQualified, order };
}

function childrenOf({ node, prefixes }: Placed, name: string): Placed[] {
  return node.children
    .filter(
      (child): child is XmlNode =>
        typeof child !== 'string' && child.name === name && (child.uri === wsdlUri || child.uri === schemaUri),
    )
    .map((child) => ({ node: child, prefixes: { ...prefixes, ...child.prefixes } }));
}

const named = (parents: readonly Placed[], kind: string, name: string): Placed | undefined =>
  parents.flatMap((parent) => childrenOf(parent, kind)).find(({ node }) => node.attributes['name'] === name);

const soapChild = ({ node }: Placed, name: string): XmlNode | undefined =>
  node.children.find((child): child is XmlNode => typeof child !== 'string' && child.name === name && child.uri in soapUris);

function qname({ node, prefixes }: Placed, attribute: string): QName {
  const [name = '', prefix = ''] = (node.attributes[attribute] ?? '').split(':').reverse();
  return { uri: prefixes[prefix] ?? '', name };
}
