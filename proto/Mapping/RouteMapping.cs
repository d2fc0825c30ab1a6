using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A route on the wire and in the model.</summary>
public static class RouteMapping
{
    /// <summary>The message of a route.</summary>
    public static V1.Route ToProto(this Model.Route route) => new()
    {
        Destination = route.Destination,
        Gateway = route.Gateway,
        Interface = route.Interface,
        Source = route.Source,
    };

    /// <summary>The route of a message; nothing is validated here.</summary>
    public static Model.Route ToModel(this V1.Route route) =>
        new(route.Destination, route.Gateway, route.Interface, route.Source);
}
