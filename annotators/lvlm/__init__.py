"""A vision-language model as annotator: the request, the reply, and the filters of its claims."""
