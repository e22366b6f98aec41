import { type DescFile, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ReflectionService } from '@grpc/reflection';
import { borrowServices } from './borrowed-service.ts';
import type { Route } from './route.ts';

const collectFiles = (file: DescFile, into: Map<string, Buffer>): void => {
  if (into.has(file.name)) return;
  into.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
  for (const dependency of file.dependencies) collectFiles(dependency, into);
};

/** gRPC server reflection, v1 and v1alpha: tools like grpcurl need no .proto files then. */
export const reflectionRoutes = (services: readonly DescService[]): ReadonlyMap<string, Route> => {
  const files = new Map<string, Buffer>();
  for (const { file } of services) collectFiles(file, files);
  const definition = { services: { fileDescriptorProtos: [...files.values()] } };
  const reflection = new ReflectionService(definition as unknown as ConstructorParameters<typeof ReflectionService>[0]);
  return borrowServices((server) => reflection.addToServer(server as never));
};
