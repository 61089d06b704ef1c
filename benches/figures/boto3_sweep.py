"""What somebody writes who has no such tool: every Region listed and every multi-Region key described, by boto3 and threads.

    python3 boto3_sweep.py ENDPOINT REGION,REGION,… [THREADS]
"""

import collections
import concurrent.futures
import sys

import boto3
import botocore.config


def main(endpoint, regions, threads):
    config = botocore.config.Config(max_pool_connections=threads, retries={"mode": "standard", "max_attempts": 10})
    session = boto3.session.Session()
    clients = {
        region: session.client("kms", region_name=region, endpoint_url=endpoint, config=config) for region in regions
    }

    def listed(region):
        pages = clients[region].get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1000})
        keys = (key["KeyId"] for page in pages for key in page["Keys"])
        return [(region, key) for key in keys if key.startswith("mrk-")]

    def described(member):
        region, key = member
        return clients[region].describe_key(KeyId=key)["KeyMetadata"]

    fleet = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        members = [member for found in pool.map(listed, regions) for member in found]
        for (region, key), metadata in zip(members, pool.map(described, members)):
            role = metadata["MultiRegionConfiguration"]["MultiRegionKeyType"]
            fleet[key][region] = (role, metadata["KeyState"])
    print(f"{len(fleet)} multi-Region keys, {len(members)} related keys")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]) if len(sys.argv) > 3 else 64)
