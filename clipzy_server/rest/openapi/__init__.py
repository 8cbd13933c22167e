"""The OpenAPI document: made from the routes' protos with their comments, and from what handlers say of themselves."""
