"""Pictures, as Mermaid: the workflow, a run, the architecture."""
