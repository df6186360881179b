"""What processes share: slots in `resource`, matter in `container`, objects in `store`.

All three are made from `base`, which is also where models begin that need a resource of their own.
"""
