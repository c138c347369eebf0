# LocalStack with this project in it: Lambda environments as processes, and the bootstrap as a ready hook.
ARG LOCALSTACK_IMAGE=localstack/localstack:4.14.0
FROM ${LOCALSTACK_IMAGE}

# docker-compose.yml says how each service is checked, and would have the 15 s of this image's own check for the rest.
HEALTHCHECK NONE

# The image has LocalStack without bytecode: each container would compile what it imports, for seconds.
RUN /opt/code/localstack/.venv/bin/python -c \
    'from compileall import compile_dir; from importlib.util import find_spec; \
     [compile_dir(folder, quiet=1, workers=0) for folder in find_spec("localstack").submodule_search_locations]'

WORKDIR /opt/sandbox
COPY requirements.image.lock ./
# LocalStack's own packages stay as they are in the image: only what it lacks is added, at the locked versions.
RUN /opt/code/localstack/.venv/bin/python -m pip install --quiet --no-cache-dir --no-deps --require-hashes \
    --requirement requirements.image.lock

COPY . ./
RUN /opt/code/localstack/.venv/bin/python -m pip install --quiet --no-cache-dir --no-deps --no-build-isolation --editable . \
 && /opt/code/localstack/.venv/bin/python -m compileall -q handlers bootstrap emulator examples observatory
RUN mkdir -p /etc/localstack/init/ready.d \
 && ln -s /opt/sandbox/docker/bootstrap.sh /etc/localstack/init/ready.d/bootstrap.sh

WORKDIR /opt/code/localstack
